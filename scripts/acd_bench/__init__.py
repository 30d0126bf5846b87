"""How soon a free agent's phone rings: plain ``Dial``, the ACD and app_queue side by side on one Asterisk."""
