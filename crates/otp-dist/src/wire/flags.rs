//! The capabilities of a node, as it announces them in its handshake.

use std::fmt;
use std::ops::{BitAnd, BitOr};

/// The capabilities of a node: the `DFLAG_` bits of Erlang's distribution.
///
/// # Examples
///
/// ```
/// use otp_dist::wire::flags::Flags;
///
/// let theirs = Flags::from_bits(0x6D_07DF_7FBD);
/// assert!(theirs.contains(Flags::PUBLISHED));
/// assert!(theirs.missing().is_empty());
/// assert_eq!(Flags::from_bits(0x4).missing().bits(), 0x4_0307_0F90);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flags(u64);

macro_rules! bits {
    ($($(#[$doc:meta])* $name:ident = $bit:literal;)*) => {
        impl Flags {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)*
        }

        /// The names of the bits, lowest first.
        const NAMES: &[(&str, Flags)] = &[$((stringify!($name), Flags::$name)),*];
    };
}

bits! {
    /// The node is visible: other nodes list it in `nodes()`.
    PUBLISHED = 0;
    /// Atoms are cached, the first way. Not used any more.
    ATOM_CACHE = 1;
    /// References have several words.
    EXTENDED_REFERENCES = 2;
    /// Processes of other nodes can be monitored.
    DIST_MONITOR = 3;
    /// Funs have a tag of their own.
    FUN_TAGS = 4;
    /// Names can be monitored.
    DIST_MONITOR_NAME = 5;
    /// Hidden nodes cache atoms, the first way. Not used any more.
    HIDDEN_ATOM_CACHE = 6;
    /// Funs have `NEW_FUN_EXT`.
    NEW_FUN_TAGS = 7;
    /// Pids and ports use all their bits.
    EXTENDED_PIDS_PORTS = 8;
    /// External funs have `EXPORT_EXT`.
    EXPORT_PTR_TAG = 9;
    /// Bitstrings have `BIT_BINARY_EXT`.
    BIT_BINARIES = 10;
    /// Floats have `NEW_FLOAT_EXT`.
    NEW_FLOATS = 11;
    /// The I/O protocol knows Unicode.
    UNICODE_IO = 12;
    /// Frames have a header with references to cached atoms.
    DIST_HDR_ATOM_CACHE = 13;
    /// Short atoms have a tag of their own.
    SMALL_ATOM_TAGS = 14;
    /// Compressed tables can be sent.
    ETS_COMPRESSED = 15;
    /// Atoms are in UTF-8.
    UTF8_ATOMS = 16;
    /// Maps have `MAP_EXT`.
    MAP_TAG = 17;
    /// Creations have 32 bits.
    BIG_CREATION = 18;
    /// Messages to pids carry their sender.
    SEND_SENDER = 19;
    /// Labels of sequential traces are any term.
    BIG_SEQTRACE_LABELS = 20;
    /// The emulator buffers signals while a connection is being set up. It is never sent.
    PENDING_CONNECT = 21;
    /// Exit reasons are payloads of their own.
    EXIT_PAYLOAD = 22;
    /// Large messages come in fragments.
    FRAGMENTS = 23;
    /// The handshake of version 6.
    HANDSHAKE_23 = 24;
    /// Unlinks have an id and are acknowledged.
    UNLINK_ID = 25;
    /// Represents all bits that OTP 25 made mandatory.
    MANDATORY_25_DIGEST = 26;
    /// Processes can be spawned by a request.
    SPAWN = 32;
    /// The other node gives this one its name.
    NAME_ME = 33;
    /// Pids, ports and references use all the bits of `V4_PORT_EXT` and its siblings.
    V4_NC = 34;
    /// Messages can be sent to aliases.
    ALIAS = 35;
    /// `LOCAL_EXT`. It is never sent.
    LOCAL_EXT = 36;
    /// Priority signals, and the signal that is to replace those to aliases.
    ALTACT_SIG = 37;
    /// Native records.
    NATIVE_RECORDS = 38;
}

impl Flags {
    /// The flags that OTP 25 requires; [`MANDATORY_25_DIGEST`](Self::MANDATORY_25_DIGEST) represents all of them.
    pub const MANDATORY_25: Self = Self(0x0107_0F94);

    /// The flags that OTP 27 and later require of a node, and that are required of a peer here.
    pub const MANDATORY: Self = Self(0x4_0307_0F94);

    /// The flags of a hidden node of this crate. The atom cache is deliberately not among them: its state would have to
    /// be kept per connection, and saves little.
    pub const HIDDEN: Self = Self(0xD_075F_5FBC | Self::FRAGMENTS.0 | Self::ALTACT_SIG.0);

    /// The flags of a visible node of this crate.
    pub const VISIBLE: Self = Self(Self::HIDDEN.0 | Self::PUBLISHED.0);

    /// The flags of these bits, unknown ones too.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Whether all of these are there.
    #[must_use]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// These without those.
    #[must_use]
    pub const fn without(self, flags: Self) -> Self {
        Self(self.0 & !flags.0)
    }

    /// These, and the flags that [`MANDATORY_25_DIGEST`](Self::MANDATORY_25_DIGEST) represents.
    #[must_use]
    pub const fn expanded(self) -> Self {
        if self.contains(Self::MANDATORY_25_DIGEST) {
            Self(self.0 | Self::MANDATORY_25.0)
        } else {
            self
        }
    }

    /// The mandatory flags that are missing.
    #[must_use]
    pub const fn missing(self) -> Self {
        Self::MANDATORY.without(self.expanded())
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitAnd for Flags {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// The names, and the bits that have none.
impl fmt::Display for Flags {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = *self;
        let mut separator = "";
        for (name, flag) in NAMES {
            if self.contains(*flag) {
                write!(out, "{separator}{name}")?;
                separator = " | ";
                left = left.without(*flag);
            }
        }
        if !left.is_empty() || self.is_empty() {
            write!(out, "{separator}{:#x}", left.0)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Flags({:#x})", self.0)
    }
}
