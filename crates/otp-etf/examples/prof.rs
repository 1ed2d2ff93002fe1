use std::hint::black_box;
fn main() {
    let bytes = [131u8, 104, 2, 119, 2, b'o', b'k', 97, 2];
    for _ in 0..200_000 {
        drop(black_box(otp_etf::Term::decode(black_box(&bytes))));
    }
}
