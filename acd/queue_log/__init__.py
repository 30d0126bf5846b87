"""The ``queue_log`` file in Asterisk's format, so that QueueMetrics, Asternic and the like read us.

``telling`` knows what a call's life is in Asterisk's words, ``sessions`` who is a member of what and since
when, ``lines`` how a line looks; ``observer`` hears the engine, ``writer`` keeps the file. What each line
means, and where our calls have no word of Asterisk's, is in docs/logs.md.
"""
