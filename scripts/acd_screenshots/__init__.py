"""The pages as pictures: the application with the shipped rules, a simulated morning, a real browser.

The morning is lived through in virtual time; then the same centre, its API and its pages go on in real time
(``loop``), and Debian's Chromium looks at them as people would: it logs in, chooses, types, switches.
"""
