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

# The programs that the fault programme runs beside a server, and the server that ships.
_fault-programs:
    cargo build --quiet --release --package skills-faults --package skills-server

# Half an hour at 1,000 requests a second over HTTPS, with reloads of policy, keys and certificates.
soak *arguments: _fault-programs
    python3 tests/faults/soak.py {{arguments}}

# 1,000 users in open loop for ten minutes; with --saturate, throughput.
load *arguments: _fault-programs
    python3 tests/faults/users.py {{arguments}}

# Faults of links, dependencies, clocks, disks, memory and clients; `just chaos --list` says which.
chaos *arguments: _fault-programs
    cargo build --quiet --release --features skills-runtime/otel,skills-runtime/redis --target-dir target/complete
    python3 tests/faults/chaos.py target/complete/release/skills-server {{arguments}}

# Every fuzz target with the address sanitizer, for so many seconds each (--seconds).
fuzz *arguments:
    python3 fuzz/run.py {{arguments}}

# Unit tests below sanitizers, and a server below valgrind.
sanitize *arguments:
    cargo build --quiet
    python3 tests/faults/sanitize.py target/debug/skills-server {{arguments}}

# Pools in every order in which threads can run.
interleavings:
    cargo run --quiet --release --manifest-path tests/faults/interleavings/Cargo.toml --target-dir target/interleavings

# Whether `rust-version` is true.
msrv:
    python3 tests/faults/msrv.py
