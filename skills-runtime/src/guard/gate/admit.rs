//! The last step: may it do this, and has it not asked too often? Who gets by has a permit.

use std::net::IpAddr;

#[cfg(feature = "oauth")]
use skills_model::Skill;

#[cfg(feature = "stdio")]
use super::counting::counted_here;
#[cfg(feature = "oauth")]
use super::principal::{Means, names};
use super::{Call, Denial, Guard, Permit, Principal};

impl Guard {
    /// Lets a caller in to what it asks for.
    pub(crate) async fn admit(
        &self,
        principal: &Principal,
        ip: Option<IpAddr>,
        call: &Call<'_>,
    ) -> Result<Permit, Denial> {
        let rules = self.rules.load_full();
        let admitted = match self.authorize(principal, call) {
            Ok(permit) => {
                let counted = self
                    .counted_caller(&rules, principal, ip, call.tool())
                    .await;
                counted.map(|()| permit)
            }
            Err(denial) => Err(denial),
        };
        admitted.or_else(|denial| self.denied(denial))
    }

    /// The same where there is one instance only.
    #[cfg(feature = "stdio")]
    pub(crate) fn admit_here(
        &self,
        principal: &Principal,
        call: &Call<'_>,
    ) -> Result<Permit, Denial> {
        let admitted = self.authorize(principal, call).and_then(|permit| {
            let rules = self.rules.load();
            let counted = counted_here(&rules, principal, None, call.tool());
            counted.map(|()| permit)
        });
        admitted.or_else(|denial| self.denied(denial))
    }

    /// What a caller may see. To one that can get hold of more scopes it is told which it would need (MCP, authorization,
    /// "Step-Up Authorization Flow"); to all others, what they may not see is not there.
    #[cfg_attr(
        not(feature = "oauth"),
        expect(
            unused_variables,
            clippy::unnecessary_wraps,
            reason = "only access tokens can be had with more scopes"
        )
    )]
    fn authorize(&self, principal: &Principal, call: &Call<'_>) -> Result<Permit, Denial> {
        let permit = self.permit(principal);
        #[cfg(feature = "oauth")]
        if let (Means::OAuth(grant), Some(tokens)) = (&principal.means, &self.tokens) {
            let skill = call.subject(self.bundle, permit);
            let required = skill.map(Skill::required).unwrap_or_default();
            let always = tokens.required_scopes();
            if !permit.covers(required) || !grant.missing(always).is_empty() {
                let special = names(self.bundle, required).into_iter().map(str::to_owned);
                let scopes = always.iter().cloned().chain(special).collect();
                return Err(Denial::Insufficient { scopes });
            }
        }
        Ok(permit)
    }
}
