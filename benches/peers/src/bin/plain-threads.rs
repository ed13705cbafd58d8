//! rmcp as most servers are written: `stdio()` on tokio's default runtime.

use peers::OneSkill;
use rmcp::ServiceExt;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service = OneSkill.serve(rmcp::transport::stdio()).await?;
    service.waiting().await?;
    Ok(())
}
