"""What the pages of *Building blocks* draw."""
