//! What is known of the memory of a process.

use std::future::pending;

use otp_core::prelude::*;
use otp_core::process::{ProcessOrder, ProcessQuery};
use otp_core::{gen_server, sys};

/// A server with so many bytes on the heap.
struct Shelf {
    books: Vec<u8>,
    tells: bool,
}

#[gen_server]
impl GenServer for Shelf {
    type Args = (usize, bool);

    async fn init(
        (size, tells): (usize, bool),
        _: &mut Context<Self>,
    ) -> Result<Init<Self>, ExitReason> {
        let books = Vec::with_capacity(size);
        Ok(Init::state(Self { books, tells }))
    }

    fn format_status(&self, status: &mut gen_server::Status) {
        status.heap_size = self.tells.then(|| self.books.capacity());
    }
}

#[tokio::test]
async fn a_server_tells_what_its_state_has_on_the_heap_if_it_wants_to() {
    let ran = Node::new().run(async {
        for (tells, expected) in [(true, Some(5_000)), (false, None)] {
            let shelf = Shelf::start_link((5_000, tells)).await.expect("it starts");
            let status = sys::get_status(&shelf).await.expect("it answers");
            assert_eq!(status.state_size, size_of::<Shelf>());
            assert_eq!(status.heap_size, expected);
        }
    });
    ran.await.expect("nothing fails");
}

#[tokio::test]
async fn a_mailbox_takes_as_much_as_its_messages() {
    let node = Node::new();
    let small = node.spawn(|_: Mailbox<u8>| pending::<()>());
    let large = node.spawn(|_: Mailbox<[u8; 10_000]>| pending::<()>());
    (0..50).for_each(|_| small.send(0));
    let size = |pid| node.process_info(pid).map(|info| info.mailbox_size);
    assert_eq!(size(large.pid()), Some(0));
    (0..2).for_each(|_| large.send([0; 10_000]));
    // Both have a little more than the message itself.
    let (few, many) = (size(small.pid()), size(large.pid()));
    assert!((50..5_000).contains(&few.expect("it lives")), "{few:?}");
    assert!(
        (20_000..20_100).contains(&many.expect("it lives")),
        "{many:?}"
    );
    let by_size = ProcessQuery::new()
        .order(ProcessOrder::MailboxSize)
        .descending();
    let page = node.process_page(&by_size);
    assert_eq!(page.processes[0].pid, large.pid());
}
