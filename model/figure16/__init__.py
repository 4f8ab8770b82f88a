"""Figure 16 of the paper: leader elections on a virtual clock."""
