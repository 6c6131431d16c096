"""Methods that turn what is known of a corridor into its stock. A model never sees an answer of the wire."""
