"""A run rendered: HTML, JUnit and Markdown, each a pure function of the run's data folder."""
