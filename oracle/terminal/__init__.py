"""What passes between a person and the program.

`usage` has the error for wrong words and the patience with subjects, `exit_codes` what a command's
end means; `wording` puts values into one line; `output` prints to those who listen and those who
do not, and `progress` shows how far long work is.
"""
