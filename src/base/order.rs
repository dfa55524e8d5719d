//! The order of things that are too few, or too seldom asked for, to be worth the code of std's `sort`: [`order`].

use crate::base::memory::with_room_for;

/// The numbers below `length` in the order in which `precedes` has them, by Williams' heap; none of them if the system has no memory
/// for all. It takes `length * log(length)` comparisons, and 0.3 kB, where each type that is sorted by std's takes 2 to 5.
pub fn order(length: usize, precedes: &mut dyn FnMut(usize, usize) -> bool) -> Vec<usize> {
    let Some(mut heap) = with_room_for(length) else { return Vec::new() };
    heap.extend(0..length);
    for top in (0..length / 2).rev() {
        sink(&mut heap, top, precedes);
    }
    for last in (1..length).rev() {
        heap.swap(0, last);
        sink(heap.get_mut(..last).unwrap_or_default(), 0, precedes);
    }
    heap
}

/// Lets what stands at `top` sink below what it precedes.
fn sink(heap: &mut [usize], mut top: usize, precedes: &mut dyn FnMut(usize, usize) -> bool) {
    loop {
        let (left, right) = (top.saturating_mul(2).saturating_add(1), top.saturating_mul(2).saturating_add(2));
        let mut last = top;
        for child in [left, right] {
            if let (Some(&one), Some(&other)) = (heap.get(last), heap.get(child)) {
                if precedes(one, other) {
                    last = child;
                }
            }
        }
        if last == top {
            return;
        }
        heap.swap(top, last);
        top = last;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_order_is_that_of_sort(items: Vec<u8>) {
            let mut sorted: Vec<(u8, usize)> = items.iter().copied().zip(0..).collect();
            sorted.sort_unstable();
            let found = order(items.len(), &mut |one, other| (items[one], one) < (items[other], other));
            prop_assert_eq!(found, sorted.iter().map(|(_, place)| *place).collect::<Vec<_>>());
        }
    }
}
