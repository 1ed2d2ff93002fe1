//! Rock-paper-scissors: the lobby, the games and the players, when nothing crashes.

use crate::session;
use otp_core::CallError;
use rock_paper_scissors::api::{Event, House, News, Participant, Plan, Refused};
use rock_paper_scissors::boundary::{Ear, JoinError, PlayError};
use rock_paper_scissors::core::{AlreadyPlayed, AlreadyWaiting, Choice, Luck, NotWaiting};
use std::time::Duration;
use tokio::sync::mpsc::{self, UnboundedReceiver};

/// A player, and what it hears.
pub(crate) struct Person {
    pub(crate) player: Participant,
    heard: UnboundedReceiver<Event>,
}

impl Person {
    pub(crate) async fn start(name: &str) -> Self {
        let (tell, heard) = mpsc::unbounded_channel();
        let ear = Ear::new(move |event| {
            let _ = tell.send(event);
        });
        let player = Participant::start(name.to_owned(), ear)
            .await
            .expect("the name is free");
        Self { player, heard }
    }

    /// The next thing that it hears, as it is shown.
    pub(crate) async fn hears(&mut self) -> String {
        self.heard.recv().await.expect("it lives").to_string()
    }

    /// Whether it has heard nothing more.
    pub(crate) fn heard_nothing(&mut self) -> bool {
        self.heard.try_recv().is_err()
    }
}

// S89
#[tokio::test(start_paused = true)]
async fn the_second_player_begins_a_game_with_the_first() {
    session(async {
        let house = House::start_link(Plan::default()).await.unwrap();
        let [mut ann, mut bob] = [Person::start("ann").await, Person::start("bob").await];
        let cat = Person::start("cat").await;
        assert_eq!(house.join(&ann.player).await, Ok(None));
        let refused = JoinError::AlreadyWaiting(AlreadyWaiting);
        assert_eq!(house.join(&ann.player).await, Err(Refused::By(refused)));
        assert_eq!(house.join(&bob.player).await, Ok(Some(1)));
        assert_eq!(ann.hears().await, "ann: game 1 against bob");
        assert_eq!(bob.hears().await, "bob: game 1 against ann");
        assert_eq!(house.play(1, &ann.player, Choice::Rock).await, Ok(()));
        let refused = PlayError::AlreadyPlayed(AlreadyPlayed);
        assert_eq!(
            house.play(1, &ann.player, Choice::Paper).await,
            Err(Refused::By(refused))
        );
        assert_eq!(
            house.play(1, &cat.player, Choice::Rock).await,
            Err(Refused::By(PlayError::NotAPlayer))
        );
        assert_eq!(house.games(), [1]);
        assert_eq!(
            house.players(1).await,
            Ok(["ann", "bob"].map(str::to_owned))
        );
        assert_eq!(house.play(1, &bob.player, Choice::Scissors).await, Ok(()));
        assert_eq!(ann.hears().await, "ann: game 1: win, rock against scissors");
        assert_eq!(
            bob.hears().await,
            "bob: game 1: lose, scissors against rock"
        );
        while house.game_pid(1).is_some() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let late = house.play(1, &bob.player, Choice::Rock).await;
        assert!(
            matches!(late, Err(Refused::Call(CallError::NoProcess { .. }))),
            "{late:?}"
        );
        assert!(house.games().is_empty());
    })
    .await;
}

// S89
#[tokio::test(start_paused = true)]
async fn who_waits_can_leave_and_one_who_dies_has_left() {
    session(async {
        let house = House::start_link(Plan::default()).await.unwrap();
        let [ann, bob] = [Person::start("ann").await, Person::start("bob").await];
        assert_eq!(house.leave(&ann.player).await, Err(Refused::By(NotWaiting)));
        assert_eq!(house.join(&ann.player).await, Ok(None));
        assert_eq!(house.waiting().await, Ok(Some("ann".to_owned())));
        assert_eq!(house.leave(&ann.player).await, Ok(()));
        assert_eq!(house.leave(&ann.player).await, Err(Refused::By(NotWaiting)));
        assert_eq!(house.join(&ann.player).await, Ok(None));
        ann.player.crash();
        while house.waiting().await != Ok(None) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(house.join(&bob.player).await, Ok(None));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn who_does_not_play_in_time_loses_and_if_nobody_does_nobody_wins() {
    session(async {
        let house = House::start_link(Plan::default()).await.unwrap();
        let [mut ann, mut bob] = [Person::start("ann").await, Person::start("bob").await];
        for (game, bobs_verdict, anns_verdict) in [
            (1, "win by forfeit", "lose by forfeit"),
            (2, "aborted", "aborted"),
        ] {
            house.join(&ann.player).await.unwrap();
            assert_eq!(house.join(&bob.player).await, Ok(Some(game)));
            if game == 1 {
                house.play(game, &bob.player, Choice::Rock).await.unwrap();
            }
            for (person, name, verdict) in [
                (&mut ann, "ann", anns_verdict),
                (&mut bob, "bob", bobs_verdict),
            ] {
                assert!(person.hears().await.contains("against"));
                assert_eq!(
                    person.hears().await,
                    format!("{name}: game {game}: {verdict}")
                );
            }
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_computer_joins_and_plays_by_itself() {
    session(async {
        let house = House::start_link(Plan::default()).await.unwrap();
        let mut ann = Person::start("ann").await;
        house.join(&ann.player).await.unwrap();
        let (tell, mut told) = mpsc::unbounded_channel();
        let ear = Ear::new(move |event| {
            let _ = tell.send(event);
        });
        let luck = Luck::new(1, 1);
        house
            .invite_computer("computer".to_owned(), luck, ear)
            .await
            .unwrap();
        assert_eq!(ann.hears().await, "ann: game 1 against computer");
        house.play(1, &ann.player, Choice::Paper).await.unwrap();
        let verdict = ann.hears().await;
        assert!(verdict.contains("paper against"), "{verdict}");
        let mut last = None;
        while let Some(event) = told.recv().await {
            last = Some(event.news);
        }
        // It has gone: its end of the channel is closed.
        assert!(matches!(last, Some(News::Over { .. })), "{last:?}");
    })
    .await;
}
