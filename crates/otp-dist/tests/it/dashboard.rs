//! What Phoenix LiveDashboard asks of a node, by the calls that its module `SystemInfo` makes from a BEAM.

use otp_core::prelude::*;
use otp_core::process::ProcessQuery;
use otp_core::{Application, ApplicationSpec, Applications, Child, process, table};
use otp_etf::{Term, term};

use crate::beam::Beam;
use crate::support::{Server, atom};

/// An application with one server.
struct App;

impl Application for App {
    type Args = ();

    async fn start((): ()) -> Result<(Child, Self), ExitReason> {
        let server =
            ChildSpec::worker("server", || Server::options().name("server").start_link(()));
        let tree = Supervisor::new(Strategy::OneForOne).child(server);
        Ok((tree.start_link().await?.into(), Self))
    }
}

// DST-031
#[tokio::test]
async fn a_dashboard_finds_the_functions_that_it_calls() {
    let Some(beam) = Beam::start("true", |config| config).await else {
        return;
    };
    beam.dist.show_processes();
    let (node, me) = (beam.node.clone(), beam.dist.name().clone());
    let module = atom("Elixir.Phoenix.LiveDashboard.SystemInfo");
    let ask_of = async |module: &otp_etf::Atom, function: &str, arguments: Term| {
        let all = (me.clone(), module.clone(), atom(function), arguments);
        beam.call::<Term>("erpc", "call", all).await
    };
    let ask = async |function: &str, arguments: Term| ask_of(&module, function, arguments).await;
    // It looks whether its module is there, and loads it if it has another version.
    let code = atom("code");
    let loaded = ask_of(&code, "is_loaded", term!([(module.clone())])).await;
    assert_eq!(loaded.as_tuple().map(|it| it[0].clone()), Some(term!(file)));
    let capable = ask("capabilities_callback", term!([[{application, os_mon}]])).await;
    let capable = capable.as_map().expect("a map");
    assert_eq!(capable.get_atom("dashboard_running?"), Some(&term!(false)));
    assert_eq!(capable.get_atom("applications"), Some(&term!([])));
    let binary = term!([(module.clone()), [], "bytes"]);
    assert_eq!(
        ask_of(&code, "load_binary", binary).await,
        term!({error, badfile})
    );

    let info = ask("info_callback", term!([["PATH"], app])).await;
    let info = info.as_map().expect("a map");
    assert_eq!(info.get_atom("environment"), Some(&term!([{"PATH", nil}])));
    let usage = ask("usage_callback", term!([])).await;
    let memory = usage
        .as_map()
        .and_then(|it| it.get_atom("memory")?.as_map());
    assert!(memory.and_then(|it| it.get_atom("total")?.as_integer()) > Some(0));

    node.spawn(async |_: Mailbox<Never>| {
        let spec = ApplicationSpec::new::<App>("app", ()).description("an example");
        let apps = Applications::here();
        apps.start(spec).await.expect("it starts");
        process::set_label("the starter");
        let squares = table::set::<u32, u32>("squares").named().create();
        let squares = squares.expect("it is free");
        squares.insert(2, 4).expect("it is ours");
        std::future::pending::<()>().await;
    });
    let list = |answer: &Term, at: usize| answer.as_tuple().expect("a tuple")[at].clone();
    let item = |row: &Term, name: &str| {
        let pairs = row.as_list().expect("a list");
        let pair = pairs.iter().find(|pair| {
            pair.as_tuple()
                .is_some_and(|it| it[0] == Term::from(atom(name)))
        });
        pair.map(|it| it.as_tuple().expect("a pair")[1].clone())
    };
    let tables = loop {
        let tables = ask("ets_callback", term!([nil, size, desc, 50])).await;
        if list(&tables, 1) == term!(1) {
            break list(&tables, 0);
        }
    };
    let squares = &tables.as_list().expect("a list")[0];
    assert_eq!(item(squares, "name"), Some(term!(":squares")));
    assert_eq!(item(squares, "size"), Some(term!(1)));
    let id = item(squares, "id").expect("it has one");
    let about = ask("ets_info_callback", term!([(id)])).await;
    let owner = item(&list(&about, 1), "owner").expect("it has one");
    let owner = owner
        .as_map()
        .and_then(|it| it.get_atom("name_or_initial_call").cloned());
    assert_eq!(owner, Some(term!("the starter")));
    assert_eq!(
        ask("ets_callback", term!(["circles", size, desc, 50])).await,
        term!({[], 0})
    );

    let apps = ask("applications_info_callback", term!([nil, name, asc, 50])).await;
    let app = &list(&apps, 0).as_list().expect("a list")[0].clone();
    assert_eq!(item(app, "description"), Some(term!("an example")));
    assert_eq!(item(app, "state"), Some(term!(started)));
    assert_eq!(item(app, "tree?"), Some(term!(true)));
    let tree = ask("app_tree_callback", term!([app])).await;
    let top = list(&tree, 1).as_list().expect("one")[0].clone();
    assert_eq!(list(&list(&top, 0), 0), term!(supervisor));
    let below = list(&top, 1).as_list().expect("one")[0].clone();
    let server = list(&below, 0);
    assert_eq!(
        (list(&server, 0), list(&server, 2)),
        (term!(worker), term!(server))
    );
    assert_eq!(
        ask("app_tree_callback", term!([nobody])).await,
        term!(error)
    );

    let all = ask(
        "processes_callback",
        term!([nil, message_queue_len, desc, 2, nil]),
    )
    .await;
    assert_eq!(list(&all, 0).as_list().map(<[Term]>::len), Some(2));
    let before = list(&all, 2);
    let found = ask(
        "processes_callback",
        term!(["server", reductions_diff, desc, 50, (before)]),
    )
    .await;
    // The lists asked for so far count by one process. It and the processes of a connection have names that tell.
    let counting = || {
        beam.node
            .process_page(&ProcessQuery::new().containing("counts for a tool"))
    };
    while counting().matching == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(counting().matching, 1);
    let reader = term!(["reader of", reductions, desc, 50, nil]);
    let reader = list(&ask("processes_callback", reader).await, 0);
    let reader = item(
        &reader.as_list().expect("a list")[0],
        "name_or_initial_call",
    );
    assert_eq!(
        reader,
        Some(Term::from(
            format!("reader of {}", beam.name.as_str()).as_str()
        ))
    );
    let rows = list(&found, 0);
    let named = rows
        .as_list()
        .expect("a list")
        .iter()
        .find(|row| item(row, "name_or_initial_call") == Some(term!(":server")));
    let pid = named.and_then(|row| item(row, "pid")).expect("it is there");
    assert_eq!(pid, list(&server, 1));
    let about = ask("process_info_callback", term!([(pid)])).await;
    let about = list(&about, 1);
    assert_eq!(item(&about, "registered_name"), Some(term!(server)));
    assert_eq!(item(&about, "status"), Some(term!(waiting)));
    let links = item(&about, "links").expect("it has some");
    assert_eq!(links.as_list().map(<[Term]>::len), Some(1));
    let there = beam.call::<Term>("erlang", "self", ()).await;
    let gone = ask("process_info_callback", term!([(there)])).await;
    assert_eq!(gone, term!(error), "it is a process of another node");

    for none in ["ports_callback", "sockets_callback"] {
        assert_eq!(
            ask(none, term!([nil, input, desc, 50])).await,
            term!({[], 0})
        );
    }
    let allocators = ask("memory_allocators_callback", term!([nil])).await;
    assert_eq!(list(&allocators, 0).as_list().map(<[Term]>::len), Some(1));
}
