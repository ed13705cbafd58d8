# The few commands that people use. CI calls `.ci/run`.

# Run the reference server (help at a terminal, MCP when piped).
run *arguments:
    cargo run -- {{arguments}}

# Everything that decides whether a change lands.
ci:
    .ci/run

# All tests.
test:
    cargo test --workspace

# Accept what the tests see now as what they should see.
bless:
    BLESS=1 TRYBUILD=overwrite cargo test --workspace

# The benches, with their ratios against a floor and against plain rmcp.
bench:
    cargo bench

# Licences, sources and advisories of the dependencies (needs cargo-deny).
deny:
    cargo deny check

# The pools that clients share, under every order in which threads can come at them.
loom:
    cargo run --manifest-path loom/Cargo.toml --release --target-dir target/loom
