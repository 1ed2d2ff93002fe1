//! System requests.

use otp_core::prelude::*;
use otp_core::sys::{self, ChangeCodeError, StateError};

use crate::book::{Book, Player};
use crate::stage::Stage;

fn other(machine: &Machine<Player>, state: &str, count: u32) -> Machine<Player> {
    let mut player = Player::with_book(Book::clone(&machine.data().book));
    player.count = count;
    Machine::new(state.to_owned(), player)
}

// STM-063
#[otp_core::test]
async fn a_state_that_is_replaced_is_not_entered_and_nothing_comes_again() {
    let stage = Stage::start(
        "a enter: add
         b enter: add
         a p: postpone
         a arm: state_timeout st 10",
    )
    .await;
    stage.cast("p arm");
    assert_eq!(stage.state().await, ("a".to_owned(), 1));
    let former = sys::replace_state(&stage.machine, |machine| other(machine, "b", 3)).await;
    assert_eq!(former.expect("it lives").state(), "a");
    assert_eq!(stage.state().await, ("b".to_owned(), 3));
    stage.cast("ev");
    let seen = [
        "a enter from a",
        "a cast p",
        "a cast arm",
        "b cast ev",
        "b timeout st",
    ];
    stage.wait_for(&seen).await;
}

// STM-063
#[otp_core::test]
async fn later_events_compare_with_the_replaced_state() {
    let stage = Stage::start(
        "a p: postpone
         c same: next c
         c go: next d",
    )
    .await;
    stage.cast("p");
    let set = |machine: &mut Machine<Player>| machine.set_state("c".to_owned());
    assert_eq!(
        sys::update_state(&stage.machine, set).await,
        Ok("a".to_owned())
    );
    stage.cast("keep same go");
    stage
        .check(&[
            "a cast p",
            "c cast keep",
            "c cast same",
            "c cast go",
            "d cast p",
        ])
        .await;
}

// STM-063
#[otp_core::test]
async fn a_replacement_that_fails_changes_nothing() {
    let stage = Stage::start("a p: postpone\n a go: next b").await;
    stage.cast("p");
    let failed = sys::replace_state(&stage.machine, |_| panic!("no")).await;
    assert!(matches!(failed, Err(StateError::Function(_))));
    assert_eq!(stage.state().await, ("a".to_owned(), 0));
    stage.cast("go");
    stage.check(&["a cast p", "a cast go", "b cast p"]).await;
}

// STM-064
#[otp_core::test]
async fn a_suspended_machine_has_nothing_inside_and_handles_no_message() {
    let stage = Stage::start("a go: insert i; timeout z 0").await;
    stage.cast("go");
    sys::suspend(&stage.machine).await.expect("it lives");
    assert_eq!(
        stage.probe.drain(),
        ["a cast go", "a internal i", "a timeout z"]
    );
    stage.cast("later");
    stage.check(&[]).await;
    sys::resume(&stage.machine).await.expect("it lives");
    stage.check(&["a cast later"]).await;
}

// STM-068
#[otp_core::test]
async fn a_change_of_code_replaces_state_and_data_of_a_suspended_machine() {
    let stage = Stage::start("a p: postpone\n a enter: add\n b enter: add\n b go: next c").await;
    stage.cast("p");
    let change = |machine: &Machine<Player>| Ok::<_, &str>(other(machine, "b", 7));
    let too_early = sys::change_code(&stage.machine, change).await;
    assert_eq!(too_early, Err(ChangeCodeError::NotSuspended));
    sys::suspend(&stage.machine).await.expect("it lives");
    let refused = sys::change_code(&stage.machine, |_| Err("not now")).await;
    assert_eq!(refused, Err(ChangeCodeError::Refused("not now")));
    assert_eq!(stage.state().await, ("a".to_owned(), 1));
    assert_eq!(sys::change_code(&stage.machine, change).await, Ok(()));
    sys::resume(&stage.machine).await.expect("it lives");
    assert_eq!(stage.state().await, ("b".to_owned(), 7));
    stage.cast("go");
    stage
        .check(&["a enter from a", "a cast p", "b cast go", "c cast p"])
        .await;
}
