//! Regions of a grid of cells as outlines, so that each is one shape without seams.

use std::collections::BTreeMap;

/// A corner of cells: column and row, from 0 to the number of them.
type GridCorner = (usize, usize);

/// One closed outline of the cells that `is_inside` (column, row) of a grid of so many columns and rows; empty if there is none. Parts and
/// holes are joined by lines of no width that are gone along to and fro, and holes run the other way round, so that the outline can be
/// filled as one shape by the rule of nonzero winding.
pub(super) fn outline(columns: usize, rows: usize, is_inside: impl Fn(usize, usize) -> bool) -> Vec<GridCorner> {
    let mut next = boundary(columns, rows, is_inside);
    let mut outline: Vec<GridCorner> = Vec::new();
    while let Some((&start, _)) = next.first_key_value() {
        let ring = corners_only(&ring(&mut next, start));
        let (from, back) = (ring[0], outline.first().copied());
        outline.extend(ring);
        // Back to where the ring began, and along the line without width to where the outline began.
        outline.push(from);
        outline.extend(back);
    }
    outline
}

/// The sides between cells inside and outside, by the corner where they begin; the inside is on the right.
fn boundary(
    columns: usize,
    rows: usize,
    is_inside: impl Fn(usize, usize) -> bool,
) -> BTreeMap<GridCorner, Vec<GridCorner>> {
    let mut sides: BTreeMap<GridCorner, Vec<GridCorner>> = BTreeMap::new();
    let mut add = |from: GridCorner, to: GridCorner| sides.entry(from).or_default().push(to);
    let inside = |column: Option<usize>, row: Option<usize>| match (column, row) {
        (Some(column), Some(row)) => column < columns && row < rows && is_inside(column, row),
        _ => false,
    };
    for column in 0..columns {
        for row in (0..rows).filter(|row| is_inside(column, *row)) {
            let corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)];
            let beside = [
                inside(Some(column), row.checked_sub(1)),
                inside(Some(column + 1), Some(row)),
                inside(Some(column), Some(row + 1)),
                inside(column.checked_sub(1), Some(row)),
            ];
            for side in (0..4).filter(|side| !beside[*side]) {
                add(corners[side], corners[(side + 1) % 4]);
            }
        }
    }
    sides
}

/// Takes the sides of one ring from a corner back to it.
fn ring(next: &mut BTreeMap<GridCorner, Vec<GridCorner>>, start: GridCorner) -> Vec<GridCorner> {
    let (mut ring, mut corner) = (vec![start], start);
    while let Some(ends) = next.get_mut(&corner) {
        let end = ends.pop();
        if ends.is_empty() {
            next.remove(&corner);
        }
        match end {
            Some(end) if end != start => {
                ring.push(end);
                corner = end;
            }
            _ => break,
        }
    }
    ring
}

/// A ring without the corners in the middle of straight lines.
fn corners_only(ring: &[GridCorner]) -> Vec<GridCorner> {
    let count = ring.len();
    let turns = |place: &usize| {
        let (before, here, after) = (ring[(place + count - 1) % count], ring[*place], ring[(place + 1) % count]);
        (before.0 == here.0) != (here.0 == after.0)
    };
    (0..count).filter(turns).map(|place| ring[place]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often the outline goes round the middle of a cell. Lines without width, which may be slanted, cancel out.
    fn winding(outline: &[GridCorner], (column, row): GridCorner) -> i32 {
        let sides = outline.iter().zip(outline.iter().cycle().skip(1));
        sides
            .map(|(from, to)| match from.0 == to.0 && from.0 > column {
                // Sides to the right of the middle that cross its height.
                true if from.1 <= row && row < to.1 => 1,
                true if to.1 <= row && row < from.1 => -1,
                _ => 0,
            })
            .sum()
    }

    #[test]
    fn the_outline_winds_around_what_is_inside_only() {
        let pictures = [
            ["....", ".##.", ".##.", "...."],
            ["####", "#..#", "#.##", "####"],
            ["#..#", "....", ".#..", "#..#"],
            ["#.#.", ".#.#", "#.#.", ".#.#"],
            ["####", "####", "####", "####"],
        ];
        for picture in pictures {
            let is_inside = |column: usize, row: usize| picture[row].as_bytes()[column] == b'#';
            let outline = outline(4, 4, is_inside);
            for (column, row) in (0..16).map(|cell| (cell % 4, cell / 4)) {
                let expected = i32::from(is_inside(column, row));
                assert_eq!(winding(&outline, (column, row)), expected, "{picture:?} {column} {row}: {outline:?}");
            }
        }
    }

    #[test]
    fn nothing_has_no_outline_and_a_block_has_four_corners() {
        assert!(outline(3, 3, |_, _| false).is_empty());
        let block = outline(3, 3, |column, row| column < 2 && row < 2);
        assert_eq!(block, [(0, 0), (2, 0), (2, 2), (0, 2), (0, 0)]);
    }
}
