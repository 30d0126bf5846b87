"""The transparency sheet: what the law has workers told of the machine that gives them calls.

D.Lgs. 152/1997 art. 1-bis (from D.Lgs. 104/2022) asks for what it touches, what for, by what logic, with
which data and main parameters, who controls and corrects it, how exact and how safe it is. A sheet written
by hand is wrong from the first changed rule on. So it is made of the compiled rules and the privacy profile,
the very objects the engine obeys, and carries the number and the digest of their revision: two sheets that
differ in a parameter differ in their text, and whoever holds one can tell whether it is of today.

``sheet`` composes it of headings, paragraphs, lists and tables (``blocks``); ``markdown`` and ``html`` write
these down. Nothing here reads a clock, a file or a person's name: the same rules give the same bytes.
"""
