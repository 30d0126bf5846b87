"""What outlives the process: roster, current logins, tokens, personal codes, audit, ledger of calls."""
