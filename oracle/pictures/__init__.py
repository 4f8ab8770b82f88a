"""What was found or measured, drawn: pictures in SVG, and pages.

A picture is made from plain values and knows no command line and no hunt; each has a file of its
own, named as what it shows.
"""
