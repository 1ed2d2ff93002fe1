//! What `etop` and Erlang's `observer` ask of a node, asked as they ask it.

use otp_core::prelude::*;
use otp_core::process::ProcessQuery;
use otp_core::table;
use otp_dist::RpcError;
use otp_etf::{Term, from_term, term};

use crate::beam::Beam;
use crate::support::{B, Pair, atom};

/// Starts the collector over there with a link, as `etop:update/1` does, and answers with what it has sent.
const ASKER: &str = "register(asker, spawn(fun() -> process_flag(trap_exit, true), \
    Loop = fun(Loop) -> receive {'$gen_call', From, {Node, Collect}} -> \
        Pid = spawn_link(Node, observer_backend, Collect, [self()]), \
        Told = receive {Pid, Info} -> Info after 20000 -> timeout end, \
        gen:reply(From, Told), Loop(Loop) end end, Loop(Loop) end))";

/// The record of the process with this name.
fn named<'a>(processes: &'a [Term], name: &Term) -> &'a [Term] {
    let records = processes.iter().filter_map(Term::as_tuple);
    let mut named = records.filter(|record| record.get(4) == Some(name));
    named.next().expect("it is among them")
}

#[tokio::test]
async fn a_tool_of_the_beam_collects_the_processes() {
    let Some(beam) = Beam::start(ASKER, |config| config).await else {
        return;
    };
    beam.dist.show_processes();
    let cook = beam
        .node
        .spawn(|_: Mailbox<u8>| std::future::pending::<()>());
    beam.node.register("cook", cook.pid()).expect("it is free");
    (0..3).for_each(|n| cook.send(n));
    let me = beam.dist.name().clone();
    let collect = async |function: &str| {
        let question = (me.clone(), atom(function));
        let asked = (atom("asker"), question, 30_000);
        beam.call::<Term>("gen_server", "call", asked).await
    };
    let info = collect("etop_collect").await;
    let fields = info.as_tuple().expect("it is a record");
    assert_eq!(fields[0], term!(etop_info));
    let processes = fields[8].as_list().expect("a list");
    assert_eq!(fields[2], Term::from(processes.len()));
    let cook_there = named(processes, &term!(cook));
    let pid = beam.dist.pid(cook.pid()).expect("a process of ours");
    assert_eq!(
        (&cook_there[0], &cook_there[1]),
        (&term!(etop_proc_info), &Term::from(pid))
    );
    assert_eq!(cook_there[7], term!(3));
    // What is not on the list is not started.
    assert_eq!(collect("ttb_stop").await, term!(timeout));
}

#[tokio::test]
async fn a_tool_is_told_of_the_node() {
    let pair = Pair::start().await;
    let asks = async |module: &str, function: &str, arguments: Term| {
        let called = (atom(module), atom(function));
        pair.on_a.rpc::<Term>(&atom(B), called, arguments).await
    };
    let hidden = asks("observer_backend", "vsn", term!([])).await;
    assert!(matches!(hidden, Err(RpcError::Error(why)) if why == term!(undef)));
    pair.on_b.show_processes();
    let keeper = pair.b.spawn(|_: Mailbox<()>| async {
        let ages = table::set::<String, u8>("ages")
            .create()
            .expect("it is free");
        ages.insert("ann".to_owned(), 34).expect("it is mine");
        std::future::pending::<()>().await;
    });
    let is_filled = || {
        let infos = pair.b.table_infos();
        infos.iter().any(|it| it.name == "ages" && it.objects == 1)
    };
    while !is_filled() {
        tokio::task::yield_now().await;
    }
    let told = async |module, function, arguments| {
        let told = asks(module, function, arguments).await;
        told.expect("it is told")
    };
    let version = told("observer_backend", "vsn", term!([])).await;
    assert_eq!(version.as_tuple().map(|it| it[0].clone()), Some(term!(ok)));
    let system = told("observer_backend", "sys_info", term!([])).await;
    let count =
        system
            .as_list()
            .expect("a list")
            .iter()
            .find_map(|item| match item.as_tuple()? {
                [name, count] if *name == term!(process_count) => count.as_integer(),
                _ => None,
            });
    assert!(count.is_some_and(|count| count > 1), "{system}");
    let release = told("erlang", "system_info", term!([otp_release])).await;
    let release: String = from_term(&release).unwrap_or_else(|_| release.to_string());
    assert!(release.contains("otp-core"), "{release}");
    let tables = told("observer_backend", "get_table_list", term!([ets, []])).await;
    let tables = tables.as_list().expect("a list").iter();
    let mut tables = tables.filter_map(Term::as_list);
    let ages = tables.find(|table| table.contains(&term!({ name, ages })));
    assert!(ages.expect("it is told").contains(&term!({size, 1})));
    let mnesia = asks("observer_backend", "get_table_list", term!([mnesia, []])).await;
    assert!(matches!(mnesia, Err(RpcError::Throw(_))), "{mnesia:?}");
    let total = told("erlang", "memory", term!([total])).await;
    assert!(total.as_integer().is_some(), "{total}");
    let unknown = asks("erlang", "system_info", term!([c_compiler_used])).await;
    assert!(matches!(unknown, Err(RpcError::Error(why)) if why == term!(badarg)));
    drop(keeper);
}

#[tokio::test]
async fn a_tool_that_asks_often_is_counted_for_once() {
    let pair = Pair::start().await;
    pair.on_b.show_processes();
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let collector = pair.a.spawn(async move |mut mailbox: Mailbox<()>| {
        tell.send(()).expect("it is listened to");
        mailbox.receive().await;
    });
    told.recv().await.expect("it lives");
    let collector = Term::from(pair.on_a.pid(collector.pid()).expect("a process of a"));
    let collect = (atom("observer_backend"), atom("etop_collect"));
    for _ in 0..5 {
        let asked = term!([(collector.clone())]);
        let node = atom(B);
        let told = pair.on_a.rpc::<Term>(&node, collect.clone(), asked);
        told.await.expect("it is told at once");
    }
    let counting = ProcessQuery::new().containing("counts for a tool");
    while pair.b.process_page(&counting).matching == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(pair.b.process_page(&counting).matching, 1);
    let now = pair.b.process_page(&ProcessQuery::new()).processes;
    assert!(now.iter().any(|info| info.activity.is_some()));
}

/// What `observer` asks of a process when its window is opened, in OTP 25.
const WINDOW: &str = "binary catchlevel current_function error_handler garbage_collection group_leader heap_size initial_call \
    last_calls links memory message_queue_len monitored_by monitors priority reductions registered_name sequential_trace_token \
    stack_size status suspending total_heap_size trace trap_exit";

#[tokio::test]
async fn the_window_of_a_process_is_told_all_that_it_asks_for() {
    let pair = Pair::start().await;
    pair.on_b.show_processes();
    let hoard = pair
        .b
        .spawn(|_: Mailbox<[u8; 100]>| std::future::pending::<()>());
    (0..3).for_each(|_| hoard.send([0; 100]));
    let pid = Term::from(pair.on_b.pid(hoard.pid()).expect("a process of b"));
    let asks = async |module: &str, function: &str, arguments: Term| {
        let called = (atom(module), atom(function));
        let told = pair.on_a.rpc::<Term>(&atom(B), called, arguments).await;
        told.expect("it is told")
    };
    let items = Term::list(WINDOW.split_whitespace().map(|item| Term::from(atom(item))));
    let told = asks("erlang", "process_info", term!([(pid.clone()), (items)])).await;
    let told = told.as_list().expect("a list");
    assert_eq!(told.len(), WINDOW.split_whitespace().count());
    let value = |item: &str| {
        told.iter().find_map(|pair| match pair.as_tuple()? {
            [name, value] if name.as_atom()?.as_str() == item => Some(value.clone()),
            _ => None,
        })
    };
    assert_eq!(value("message_queue_len"), Some(term!(3)));
    let memory = value("memory").and_then(|memory| memory.as_integer());
    assert!(memory.is_some_and(|bytes: i64| bytes >= 300), "{memory:?}");
    for (page, expected) in [
        (term!(messages), term!({messages, []})),
        (term!(current_stacktrace), term!({current_stacktrace, []})),
    ] {
        let told = asks("erlang", "process_info", term!([(pid.clone()), (page)])).await;
        assert_eq!(told, expected);
    }
    // Of another module than this one the window would ask more.
    let call = asks("proc_lib", "translate_initial_call", term!([(pid)])).await;
    assert_eq!(call, term!({proc_lib, init_p, 5}));
}
