//! The lobby, the games and the players without crashes.

use crate::session;
use otp_core::CallError;
use rock_paper_scissors::api::{Event, EventKind, HumanPlayer, RequestError, Service, Settings};
use rock_paper_scissors::boundary::{JoinError, Listener, PlayError};
use rock_paper_scissors::core::{AlreadyPlayed, AlreadyWaiting, Choice, NotWaiting, Random};
use std::time::Duration;
use tokio::sync::mpsc::{self, UnboundedReceiver};

/// A player and its events.
pub(crate) struct TestPlayer {
    pub(crate) player: HumanPlayer,
    events: UnboundedReceiver<Event>,
}

impl TestPlayer {
    pub(crate) async fn start(name: &str) -> Self {
        let (sender, events) = mpsc::unbounded_channel();
        let listener = Listener::new(move |event| {
            let _ = sender.send(event);
        });
        let player = HumanPlayer::start(name.to_owned(), listener)
            .await
            .expect("the name is free");
        Self { player, events }
    }

    /// The text of the next event.
    pub(crate) async fn event(&mut self) -> String {
        let event = self.events.recv().await;
        event.expect("the player is alive").to_string()
    }

    /// Whether there is no further event.
    pub(crate) fn has_no_event(&mut self) -> bool {
        self.events.try_recv().is_err()
    }
}

// S89
#[tokio::test(start_paused = true)]
async fn the_second_player_begins_a_game_with_the_first() {
    session(async {
        let service = Service::start_link(Settings::default()).await.unwrap();
        let [mut ann, mut bob] = [
            TestPlayer::start("ann").await,
            TestPlayer::start("bob").await,
        ];
        let cat = TestPlayer::start("cat").await;
        assert_eq!(service.join(&ann.player).await, Ok(None));
        let refused = JoinError::AlreadyWaiting(AlreadyWaiting);
        assert_eq!(
            service.join(&ann.player).await,
            Err(RequestError::Refused(refused))
        );
        assert_eq!(service.join(&bob.player).await, Ok(Some(1)));
        assert_eq!(ann.event().await, "ann: game 1 against bob");
        assert_eq!(bob.event().await, "bob: game 1 against ann");
        assert_eq!(service.play(1, &ann.player, Choice::Rock).await, Ok(()));
        let refused = PlayError::AlreadyPlayed(AlreadyPlayed);
        assert_eq!(
            service.play(1, &ann.player, Choice::Paper).await,
            Err(RequestError::Refused(refused))
        );
        assert_eq!(
            service.play(1, &cat.player, Choice::Rock).await,
            Err(RequestError::Refused(PlayError::NotAPlayer))
        );
        assert_eq!(service.games(), [1]);
        assert_eq!(
            service.players(1).await,
            Ok(["ann", "bob"].map(str::to_owned))
        );
        assert_eq!(service.play(1, &bob.player, Choice::Scissors).await, Ok(()));
        assert_eq!(ann.event().await, "ann: game 1: win, rock against scissors");
        assert_eq!(
            bob.event().await,
            "bob: game 1: lose, scissors against rock"
        );
        while service.game_pid(1).is_some() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let late = service.play(1, &bob.player, Choice::Rock).await;
        assert!(
            matches!(late, Err(RequestError::Call(CallError::NoProcess { .. }))),
            "{late:?}"
        );
        assert!(service.games().is_empty());
    })
    .await;
}

// S89
#[tokio::test(start_paused = true)]
async fn a_waiting_player_leaves_by_request_or_by_its_end() {
    session(async {
        let service = Service::start_link(Settings::default()).await.unwrap();
        let [ann, bob] = [
            TestPlayer::start("ann").await,
            TestPlayer::start("bob").await,
        ];
        assert_eq!(
            service.leave(&ann.player).await,
            Err(RequestError::Refused(NotWaiting))
        );
        assert_eq!(service.join(&ann.player).await, Ok(None));
        assert_eq!(service.waiting().await, Ok(Some("ann".to_owned())));
        assert_eq!(service.leave(&ann.player).await, Ok(()));
        assert_eq!(
            service.leave(&ann.player).await,
            Err(RequestError::Refused(NotWaiting))
        );
        assert_eq!(service.join(&ann.player).await, Ok(None));
        ann.player.crash();
        while service.waiting().await != Ok(None) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(service.join(&bob.player).await, Ok(None));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_late_player_loses_and_a_game_of_two_late_players_is_aborted() {
    session(async {
        let service = Service::start_link(Settings::default()).await.unwrap();
        let [mut ann, mut bob] = [
            TestPlayer::start("ann").await,
            TestPlayer::start("bob").await,
        ];
        for (game, verdict_of_bob, verdict_of_ann) in [
            (1, "win by forfeit", "lose by forfeit"),
            (2, "aborted", "aborted"),
        ] {
            service.join(&ann.player).await.unwrap();
            assert_eq!(service.join(&bob.player).await, Ok(Some(game)));
            if game == 1 {
                service.play(game, &bob.player, Choice::Rock).await.unwrap();
            }
            for (player, name, verdict) in [
                (&mut ann, "ann", verdict_of_ann),
                (&mut bob, "bob", verdict_of_bob),
            ] {
                assert!(player.event().await.contains("against"));
                assert_eq!(
                    player.event().await,
                    format!("{name}: game {game}: {verdict}")
                );
            }
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_computer_player_joins_plays_and_stops() {
    session(async {
        let service = Service::start_link(Settings::default()).await.unwrap();
        let mut ann = TestPlayer::start("ann").await;
        service.join(&ann.player).await.unwrap();
        let (sender, mut events) = mpsc::unbounded_channel();
        let listener = Listener::new(move |event| {
            let _ = sender.send(event);
        });
        let random = Random::new(1, 1);
        service
            .start_computer("computer".to_owned(), random, listener)
            .await
            .unwrap();
        assert_eq!(ann.event().await, "ann: game 1 against computer");
        service.play(1, &ann.player, Choice::Paper).await.unwrap();
        let verdict = ann.event().await;
        assert!(verdict.contains("paper against"), "{verdict}");
        let mut last = None;
        while let Some(event) = events.recv().await {
            last = Some(event.kind);
        }
        // The computer player has stopped, because the channel is closed.
        assert!(
            matches!(last, Some(EventKind::GameEnded { .. })),
            "{last:?}"
        );
    })
    .await;
}
