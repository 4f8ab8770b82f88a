"""A breadth-first search that is spread over many processes.

`share` is what one worker owns and sends, `worker` its loop through a level, `dask_workers` what
starts workers and carries messages, and `coordinator` the search as it is seen from outside.
"""
