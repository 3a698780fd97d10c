"""The demonstration province: five real plans' figures, and made-up facts that always say that they are."""
