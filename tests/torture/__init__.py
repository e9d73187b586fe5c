"""Random C: function types and records, and the C that checks what the engine makes of them."""
