"""`python -m explorer.summaries`: bring the recorded summaries up to date."""

from explorer.summaries import bring_up_to_date

if __name__ == "__main__":
    bring_up_to_date()
