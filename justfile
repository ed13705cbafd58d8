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

# The programs that the fault programme runs beside a server.
_fault-programs:
    cargo build --quiet --release --package skills-faults

# Half an hour at 1,000 requests a second over HTTPS, with reloads of policy, keys and certificates.
soak executable="target/release/skills-server" *options: _fault-programs
    python3 tests/faults/soak.py {{executable}} {{options}}

# 1,000 users in open loop for ten minutes; `just load EXECUTABLE --saturate` measures throughput.
load executable="target/release/skills-server" *options: _fault-programs
    python3 tests/faults/users.py {{executable}} {{options}}

# A server with everything that scenarios of `chaos` need.
_complete-server:
    cargo build --quiet --release --features skills-runtime/otel,skills-runtime/redis --target-dir target/complete

# Faults of links, dependencies, clocks, disks, memory and clients; `just chaos --list` says which.
chaos *options: _fault-programs _complete-server
    python3 tests/faults/chaos.py target/complete/release/skills-server {{options}}

# Every fuzz target with the address sanitizer, for so many seconds each.
fuzz *options:
    python3 fuzz/run.py {{options}}

# Unit tests below sanitizers, and a server below valgrind.
sanitize *options:
    cargo build --quiet
    python3 tests/faults/sanitize.py target/debug/skills-server {{options}}

# Whether `rust-version` is true.
msrv:
    python3 tests/faults/msrv.py
