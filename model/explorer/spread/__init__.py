"""A search over many processes, by Dask."""
