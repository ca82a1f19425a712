"""`python -m explorer.cards`: bring the recorded cards up to date."""

from explorer import cards

if __name__ == "__main__" and cards.recorded() is None:
    print("The networks have changed: tracing them all again ...")
    cards.write(cards.compute())
