"""Output size of a sliding window: convolution or pooling (Dumoulin & Visin 2016, arXiv:1603.07285)."""

from __future__ import annotations

from functools import lru_cache

from explorer.records import Formula, LayerRecord, Unusual


@lru_cache(maxsize=8192)  # a network has few different windows, each computed many times
def output_size(
    n: int, f: int, *, s: int = 1, p: int = 0, d: int = 1, ceil: bool = False, end: int | None = None
) -> Formula:
    """Side of the output along one axis, in cells: floor((n + 2p - d(f-1) - 1) / s) + 1.

    `end` is the padding at the far end where that is not `p`. `ceil` rounds up instead, as some pooling layers do; a
    last window that would start beyond the left padding and the input is then dropped, as PyTorch does. The value is
    below 1 when the window does not fit.
    """
    span = d * (f - 1) + 1
    end = p if end is None else end
    room = n + p + end - span
    value = (-(-room // s) if ceil else room // s) + 1
    dropped = ceil and (value - 1) * s >= n + p
    if dropped:
        value -= 1
    left, right = ("⌈", "⌉") if ceil else ("⌊", "⌋")
    width = f"{f}" if d == 1 else f"({d}·{f - 1} + 1)"
    symbol = "f" if d == 1 else "(d(f − 1) + 1)"
    padded = f"{n} + {p} + {end}" if p != end else f"{n} + 2·{p}" if p else f"{n}"
    symbols = f"{left}(n + {'2p' if p == end else 'p + p′'} − {symbol})/s{right} + 1"
    substituted = f"{left}({padded} − {width})/{s}{right} + 1"
    if dropped:
        symbols, substituted = f"{symbols} − 1", f"{substituted} − 1"
    return Formula(value, symbols, substituted)


@lru_cache(maxsize=1024)
def same_padding(n: int, f: int, s: int) -> Formula:
    """Zeros along one axis for TensorFlow's "SAME" padding, both ends together: the output has ceil(n / s) cells.

    The end gets the odd one: floor(p / 2) come before, ceil(p / 2) after (tf.nn, "Notes on padding").
    """
    value = max((-(-n // s) - 1) * s + f - n, 0)
    return Formula(value, "max((⌈n/s⌉ − 1)·s + f − n, 0)", f"max((⌈{n}/{s}⌉ − 1)·{s} + {f} − {n}, 0)")


@lru_cache(maxsize=1024)
def transposed_size(n: int, f: int, *, s: int = 1, p: int = 0, d: int = 1, extra: int = 0) -> Formula:
    """Side of a transposed convolution's output: (n - 1)s - 2p + d(f - 1) + 1 + extra.

    `extra` is PyTorch's `output_padding`. A convolution with the same f, s, p and d makes n cells of as many again.
    """
    value = (n - 1) * s - 2 * p + d * (f - 1) + 1 + extra
    span, reach = ("f", f"{f}") if d == 1 else ("d(f − 1) + 1", f"{d}·{f - 1} + 1")
    more, added = (" + e", f" + {extra}") if extra else ("", "")
    return Formula(value, f"(n − 1)·s − 2p + {span}{more}", f"({n} − 1)·{s} − 2·{p} + {reach}{added}")


def size_of(layer: LayerRecord, axis: int) -> Formula | None:
    """Output size of a recorded window operation along `axis` (0 vertical, 1 horizontal), or None for other kinds."""
    if layer.kernel is None or layer.stride is None or len(layer.in_shape) < 2 + (axis == 0):
        return None
    padding = layer.padding or (0, 0)
    dilation = layer.dilation or (1, 1)
    more = layer.unusual or Unusual()
    if more.transposed:
        return transposed_size(
            layer.in_shape[axis - 2],
            layer.kernel[axis],
            s=layer.stride[axis],
            p=padding[axis],
            d=dilation[axis],
            extra=more.added[axis],
        )
    return output_size(
        layer.in_shape[axis - 2],
        layer.kernel[axis],
        s=layer.stride[axis],
        p=padding[axis],
        d=dilation[axis],
        ceil=layer.ceil_mode,
        end=more.end[axis] if more.end else None,
    )


def resampled_size(layer: LayerRecord, axis: int) -> Formula | None:
    """Output size of an upsampled map along `axis`, None for other operations."""
    if layer.unusual is None or layer.unusual.resampled is None:
        return None
    read, n = layer.unusual.resampled[axis], layer.in_shape[axis - 2]
    factor = f"{read.cells}" if read.step == 1 else f"{read.cells}/{read.step}"
    return Formula(n * read.cells // read.step, "n·s", f"{n}·{factor}")
