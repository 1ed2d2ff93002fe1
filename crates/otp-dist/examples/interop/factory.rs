//! `factory`: makes puppets.

use otp_core::prelude::*;
use otp_dist::{Distribution, Exposure};
use serde::{Deserialize, Serialize};

use crate::puppet::{Kind, Puppet};

pub(crate) struct Factory(Distribution);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Call {
    Start(Kind, ReplyTo<Option<otp_etf::Pid>>),
}

#[gen_server]
impl GenServer for Factory {
    type Args = Distribution;
    type Call = Call;

    async fn init(dist: Distribution, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::state(Self(dist)))
    }

    async fn handle_call(&mut self, call: Call, _: &mut Context<Self>) -> Reply<Self> {
        let Call::Start(kind, from) = call;
        let puppet = Puppet::start((self.0.clone(), kind)).await;
        let exported = puppet.map(|puppet| self.0.export(&puppet, Exposure::terms()));
        from.reply(exported.ok())
    }
}
