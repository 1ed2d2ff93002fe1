//! The programs of the course.

use otp_shell::rig::Rig;

/// A program to type at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// Chapter 1.
    Calculator,
    /// Chapter 2.
    EggTimer,
    /// Chapter 3.
    SuperDuper,
    /// Chapter 4.
    Dynamic,
    /// The last exercise of chapter 4.
    RockPaperScissors,
    /// The exercise with several nodes.
    Nodes,
}

impl Program {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Calculator,
        Self::EggTimer,
        Self::SuperDuper,
        Self::Dynamic,
        Self::RockPaperScissors,
        Self::Nodes,
    ];

    /// The name it is typed by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Calculator => "ch1-calculator",
            Self::EggTimer => "ch2-egg-timer",
            Self::SuperDuper => "ch3-super-duper",
            Self::Dynamic => "ch4-dynamic",
            Self::RockPaperScissors => "rock-paper-scissors",
            Self::Nodes => "ch4-nodes",
        }
    }

    /// A rig with it.
    #[must_use]
    pub fn rig(self) -> Rig {
        match self {
            Self::Calculator => ch1_calculator::cli::rig(),
            Self::EggTimer => ch2_egg_timer::cli::rig(),
            Self::SuperDuper => ch3_super_duper::cli::rig(),
            Self::Dynamic => ch4_dynamic::cli::rig(),
            Self::RockPaperScissors => rock_paper_scissors::cli::rig(),
            Self::Nodes => ch4_nodes::cli::rig(),
        }
    }

    /// One of them, chosen by a byte: `1` is that of chapter 1.
    #[must_use]
    pub fn of_byte(byte: u8) -> Self {
        Self::ALL[usize::from(byte.wrapping_sub(b'1')) % Self::ALL.len()]
    }
}
