//! Exercise 4.4: two nodes.

use crate::session;
use ch4_dynamic::api::{Event, Stage};
use ch4_nodes::api::{Cluster, NodeError};
use ch4_nodes::boundary::NodeRegistry;
use ch4_nodes::core::Address;
use otp_core::prelude::*;
use otp_core::supervisor::StartChildError;
use otp_core::{CallError, NameRegistry, process};
use std::time::Duration;

fn at(address: &str) -> Address {
    address.parse().expect("it is an address")
}

async fn says(cluster: &Cluster, address: &str) -> Result<String, NodeError> {
    let lines = cluster.say(&at(address)).await?;
    Ok(lines.to_string())
}

// S87
#[tokio::test(start_paused = true)]
async fn an_address_finds_a_character_on_its_node_also_after_a_restart() {
    session(async {
        let cluster = Cluster::default();
        let stage = Stage::new(|_: Event| ());
        for node in ["a", "b"] {
            cluster.start_node(node).await.unwrap();
        }
        for address in ["a/superdave", "b/superman", "a/superman"] {
            cluster
                .add(&at(address), format!("I am {address}"), &stage)
                .await
                .unwrap();
        }
        assert_eq!(
            says(&cluster, "b/superman").await.unwrap(),
            "I am b/superman"
        );
        assert_eq!(
            says(&cluster, "a/superman").await.unwrap(),
            "I am a/superman"
        );
        for unused in ["b/superdave", "c/superman"] {
            let error = says(&cluster, unused).await.unwrap_err();
            assert!(
                matches!(error, NodeError::Call(CallError::NoProcess { .. })),
                "{error}"
            );
        }
        let superman = at("b/superman");
        let first = cluster.whereis(&superman).await.unwrap().unwrap();
        let second = cluster.add(&at("b/superman"), "x".to_owned(), &stage).await;
        assert_eq!(
            second.unwrap_err(),
            NodeError::Character(StartChildError::AlreadyStarted(first))
        );
        cluster.die(&superman).await;
        while cluster
            .whereis(&superman)
            .await
            .unwrap()
            .is_none_or(|now| now == first)
        {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(
            says(&cluster, "b/superman").await.unwrap(),
            "I am b/superman"
        );
    })
    .await;
}

// S87
#[tokio::test(start_paused = true)]
async fn a_stopped_node_loses_its_characters_and_can_be_started_again() {
    session(async {
        let cluster = Cluster::default();
        let stage = Stage::new(|_: Event| ());
        for node in ["a", "b"] {
            cluster.start_node(node).await.unwrap();
            cluster
                .add(&at(&format!("{node}/x")), node.to_owned(), &stage)
                .await
                .unwrap();
        }
        assert_eq!(
            cluster.start_node("b").await,
            Err(NodeError::AlreadyStarted("b".to_owned()))
        );
        cluster.stop_node("b").unwrap();
        assert_eq!(cluster.nodes(), ["a"]);
        assert!(says(&cluster, "b/x").await.is_err());
        assert_eq!(says(&cluster, "a/x").await.unwrap(), "a");
        assert_eq!(
            cluster.stop_node("b"),
            Err(NodeError::NoNode("b".to_owned()))
        );
        cluster.start_node("b").await.unwrap();
        assert!(says(&cluster, "b/x").await.is_err());
        cluster
            .add(&at("b/x"), "back".to_owned(), &stage)
            .await
            .unwrap();
        assert_eq!(says(&cluster, "b/x").await.unwrap(), "back");
    })
    .await;
}

// S87
#[tokio::test(start_paused = true)]
async fn a_process_is_registered_only_on_its_own_node() {
    session(async {
        let registry = NodeRegistry::default();
        registry.add("here", &process::node());
        registry.add("there", &Node::new());
        let me = process::current();
        assert_eq!(registry.register_name("there/me", me), Err(me));
        assert_eq!(registry.register_name("nowhere/me", me), Err(me));
        assert_eq!(registry.register_name("here/me", me), Ok(()));
        assert_eq!(process::whereis(registry.name(&at("here/me"))), Some(me));
    })
    .await;
}
