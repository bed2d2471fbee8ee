"""REST views of the facts, and the bases that both apps' views share."""
