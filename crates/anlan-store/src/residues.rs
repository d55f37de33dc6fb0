//! Residues: bytes of deleted rows that lie in a page where no row is any more. `secure_delete` overwrites what it frees, but
//! when the engine divides a page among others it writes the page anew and leaves what stood in the gap. This finds such
//! gaps and empties them; it reads no row and changes none.
//!
//! The layout of a page is that of the SQLite file format, section 1.6 "B-tree Pages" (<https://sqlite.org/fileformat2.html>).

use crate::error::Error;
use crate::tx::Tx;
use std::ops::Range;

/// The header of the file stands before that of the first page.
const FILE_HEADER_BYTES: usize = 100;

/// The pages with something in their gaps, as of this snapshot.
pub(crate) fn find(tx: &mut Tx<'_>) -> Result<Vec<i64>, Error> {
    let sql = "SELECT pgno, data FROM sqlite_dbpage";
    let mut found = Vec::new();
    tx.each(sql, &[], |row| {
        let page = row.int(0)?;
        let bytes = row.blob(1)?;
        let is_left = |gap: &Range<usize>| {
            bytes
                .get(gap.clone())
                .is_some_and(|gap| gap.iter().any(|byte| *byte != 0))
        };
        if gaps(bytes, page == 1).iter().any(is_left) {
            found.push(page);
        }
        Ok(true)
    })?;
    Ok(found)
}

/// Empties the gaps of these pages, as they are now.
pub(crate) fn clear(tx: &mut Tx<'_>, pages: &[i64]) -> Result<(), Error> {
    for page in pages {
        let sql = "SELECT data FROM sqlite_dbpage WHERE pgno = ?1";
        let Some(mut bytes) = tx.query_one(sql, &[(*page).into()], |row| Ok(row.blob(0)?.to_vec()))? else {
            continue;
        };
        for gap in gaps(&bytes, *page == 1) {
            bytes.get_mut(gap).into_iter().for_each(|gap| gap.fill(0));
        }
        let sql = "UPDATE sqlite_dbpage SET data = ?2 WHERE pgno = ?1";
        tx.exec(sql, &[(*page).into(), (&bytes).into()])?;
    }
    Ok(())
}

/// Where in a page no row is: between the cells' directory and the cells, and in the blocks freed among them. None where this
/// is not surely a page of a tree.
fn gaps(page: &[u8], is_first: bool) -> Vec<Range<usize>> {
    find_gaps(page, is_first).unwrap_or_default()
}

fn find_gaps(page: &[u8], is_first: bool) -> Option<Vec<Range<usize>>> {
    let header = if is_first { FILE_HEADER_BYTES } else { 0 };
    let directory = header
        + match page.get(header)? {
            2 | 5 => 12,
            10 | 13 => 8,
            _ => return None,
        };
    let cells = number(page, header + 3)?;
    let content = match number(page, header + 5)? {
        0 => 65_536,
        start => start,
    };
    let end = directory + 2 * cells;
    if end > content || content > page.len() {
        return None;
    }
    for cell in 0..cells {
        let at = number(page, directory + 2 * cell)?;
        if at < content || at >= page.len() {
            return None;
        }
    }
    let mut all = Vec::new();
    all.push(end..content);
    let mut block = number(page, header + 1)?;
    while block != 0 {
        let (next, size) = (number(page, block)?, number(page, block + 2)?);
        let is_sound = block >= content && size >= 4 && block + size <= page.len();
        if !is_sound || (next != 0 && next <= block) {
            return None;
        }
        all.push(block + 4..block + size);
        block = next;
    }
    Some(all)
}

fn number(page: &[u8], at: usize) -> Option<usize> {
    let bytes = page.get(at..at + 2)?;
    Some(usize::from(u16::from_be_bytes(bytes.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A leaf of 64 bytes with one cell at 56, a block of 8 freed at 40, and cells beginning at 40.
    fn leaf() -> Vec<u8> {
        let mut page = vec![7; 64];
        page[..10].copy_from_slice(&[13, 0, 40, 0, 1, 0, 40, 0, 0, 56]);
        page[40..44].copy_from_slice(&[0, 0, 0, 8]);
        page
    }

    #[test]
    fn gaps_are_what_no_cell_has() {
        assert_eq!(gaps(&leaf(), false), [10..40, 44..48]);
        let mut first = vec![0; 100];
        first.extend(leaf());
        first[105..107].copy_from_slice(&[0, 140]);
        first[101..103].copy_from_slice(&[0, 140]);
        first[108..110].copy_from_slice(&[0, 156]);
        assert_eq!(gaps(&first, true), [110..140, 144..148]);
    }

    #[test]
    fn what_is_no_page_of_a_tree_is_left_alone() {
        for (at, byte) in [
            (0, 0),
            (0, 1),
            (4, 200),
            (5, 1),
            (6, 5),
            (9, 20),
            (2, 30),
            (43, 3),
            (43, 60),
            (41, 30),
        ] {
            let mut page = leaf();
            page[at] = byte;
            assert!(gaps(&page, false).is_empty(), "byte {at} is {byte}");
        }
        assert!(gaps(&[], false).is_empty());
        assert!(gaps(&[13, 0], false).is_empty());
    }
}
