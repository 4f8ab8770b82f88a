"""Files: written whole or not at all, and read gzip or not.

`result_folder` keeps what was found in a folder of its own; `input_files` opens a path or standard
input.
"""
