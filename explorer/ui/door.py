"""Who may come in: the pages of this very server. Others are turned away, and nobody outside is asked about them.

Streamlit would let in the pages of every port of this machine, and would hand pages and files to a page whose name was
bound to this machine's address meanwhile (DNS rebinding). Before it turns away one from elsewhere, it asks a server on
the internet for its own address, to compare. Names under which the server is known are its own matter
(`server.allowedHosts`), as are pages from elsewhere that a lecturer wants to let in (`server.corsAllowedOrigins`).
"""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from secrets import token_urlsafe

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import net_util
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from explorer.ui.shell.session import VISITOR

_LOOPBACK = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?", re.IGNORECASE)
_HEALTH = "/_stcore/health"  # a load balancer asks by an address; all it hears is that the server is there
_FORBIDDEN = 1008  # before the socket is open, this becomes the status 403
_PROMISES = {
    # No page of somebody else's around ours, and no image from elsewhere in it, whatever its text says.
    "Content-Security-Policy": "frame-ancestors 'self'; img-src 'self' data: blob:",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class Door:
    """ASGI middleware: checks Host and Origin, and adds security headers to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] == "websocket" and not may_enter(Headers(scope=scope)):
            await send({"type": "websocket.close", "code": _FORBIDDEN})
            return
        if scope["type"] == "http" and not (scope["path"].endswith(_HEALTH) or is_ours(Headers(scope=scope))):
            await PlainTextResponse("This server has no such name (server.allowedHosts).", 403)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_PROMISES)
                if headers.get("content-type", "").startswith("text/html") and VISITOR not in _cookies(scope):
                    headers.append("Set-Cookie", _a_visitors_cookie(scope))
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _cookies(scope: Scope) -> SimpleCookie:
    return SimpleCookie(Headers(scope=scope).get("cookie", ""))


def _a_visitors_cookie(scope: Scope) -> str:
    """A secret that no script can read: whoever has it may stop the runs that were started with it."""
    secure = "; Secure" if scope.get("scheme") == "https" else ""
    return f"{VISITOR}={token_urlsafe(24)}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax{secure}"


def is_ours(headers: Headers) -> bool:
    """Whether the Host header is one of `server.allowedHosts` or a loopback name."""
    host = headers.get("host")
    return is_host_allowed(host) or bool(_LOOPBACK.fullmatch(host or ""))


def may_enter(headers: Headers) -> bool:
    """Whether a WebSocket may open: same origin, no Origin header (a program), or an allowed origin."""
    origin = headers.get("origin")
    if origin is None or origin.partition("://")[2] == headers.get("host"):
        return True
    return origin in st.get_option("server.corsAllowedOrigins") or not st.get_option("server.enableCORS")


def ask_nobody() -> None:
    """Stop Streamlit from looking up this machine's external IP address on the internet."""
    net_util.get_external_ip = lambda: None
