"""Charts: tidy tables drawn with matplotlib, each `plot_*` function on Axes it is given or makes."""
