//! The numbers of the control messages, as `erl_dist_protocol` names them.

pub(super) const LINK: u8 = 1;
pub(super) const SEND: u8 = 2;
pub(super) const EXIT: u8 = 3;
pub(super) const NODE_LINK: u8 = 5;
pub(super) const REG_SEND: u8 = 6;
pub(super) const GROUP_LEADER: u8 = 7;
pub(super) const EXIT2: u8 = 8;
pub(super) const SEND_TT: u8 = 12;
pub(super) const EXIT_TT: u8 = 13;
pub(super) const REG_SEND_TT: u8 = 16;
pub(super) const EXIT2_TT: u8 = 18;
pub(super) const MONITOR_P: u8 = 19;
pub(super) const DEMONITOR_P: u8 = 20;
pub(super) const MONITOR_P_EXIT: u8 = 21;
pub(super) const SEND_SENDER: u8 = 22;
pub(super) const SEND_SENDER_TT: u8 = 23;
pub(super) const PAYLOAD_EXIT: u8 = 24;
pub(super) const PAYLOAD_EXIT_TT: u8 = 25;
pub(super) const PAYLOAD_EXIT2: u8 = 26;
pub(super) const PAYLOAD_EXIT2_TT: u8 = 27;
pub(super) const PAYLOAD_MONITOR_P_EXIT: u8 = 28;
pub(super) const SPAWN_REQUEST: u8 = 29;
pub(super) const SPAWN_REQUEST_TT: u8 = 30;
pub(super) const SPAWN_REPLY: u8 = 31;
pub(super) const SPAWN_REPLY_TT: u8 = 32;
pub(super) const ALIAS_SEND: u8 = 33;
pub(super) const ALIAS_SEND_TT: u8 = 34;
pub(super) const UNLINK_ID: u8 = 35;
pub(super) const UNLINK_ID_ACK: u8 = 36;
pub(super) const ALTACT_SIG_SEND: u8 = 37;

/// Flags of `SPAWN_REPLY`.
pub(super) const SPAWN_LINK: i64 = 1;
pub(super) const SPAWN_MONITOR: i64 = 2;

/// Flags of `ALTACT_SIG_SEND`.
pub(super) const ALTACT_PRIORITY: i64 = 1;
pub(super) const ALTACT_TOKEN: i64 = 2;
pub(super) const ALTACT_ALIAS: i64 = 4;
pub(super) const ALTACT_NAME: i64 = 8;
pub(super) const ALTACT_EXIT: i64 = 16;
