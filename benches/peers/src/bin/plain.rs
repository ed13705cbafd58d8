//! rmcp at its best without giving up its types: one thread, and pipes that are read without a thread pool.

use peers::OneSkill;
use rmcp::ServiceExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service = OneSkill.serve(rmcp::transport::stdio_pipes()).await?;
    service.waiting().await?;
    Ok(())
}
