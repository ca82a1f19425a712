"""`python -m explorer.cards`: bring the recorded cards up to date."""

from explorer.cards import bring_up_to_date

if __name__ == "__main__":
    bring_up_to_date()
