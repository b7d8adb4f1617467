//! From a chart's SVG to its PNG: resvg with the shipped font and no other.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::{Database, Source};
use resvg::usvg::{Options, Tree};

use hitflop_core::error::{Error, Result};

/// Pixels of the PNG a pixel of the chart, in each direction.
pub const PIXEL_RATIO: u32 = 2;

/// The faces of the shipped font, read once.
static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    for face in [dejavu::sans::regular(), dejavu::sans::bold()] {
        fonts.load_font_source(Source::Binary(Arc::new(face)));
    }
    Arc::new(fonts)
});

/// The picture that an SVG describes, its text laid out in the shipped font.
pub(crate) fn parse(svg: &str) -> Result<Tree> {
    let options = Options { fontdb: Arc::clone(&FONTS), ..Options::default() };
    Tree::from_str(svg, &options).map_err(|error| Error::Failed(format!("reading a chart's SVG: {error}")))
}

/// Renders an SVG at [`PIXEL_RATIO`] and encodes it as an opaque PNG.
pub(crate) fn png(svg: &str) -> Result<Vec<u8>> {
    let tree = parse(svg)?;
    let size = tree.size().to_int_size().scale_by(PIXEL_RATIO as f32);
    let mut pixmap = size
        .and_then(|size| Pixmap::new(size.width(), size.height()))
        .ok_or_else(|| Error::Failed(format!("a chart of {:?} has no pixels", tree.size())))?;
    let ratio = PIXEL_RATIO as f32;
    resvg::render(&tree, Transform::from_scale(ratio, ratio), &mut pixmap.as_mut());
    encode(&pixmap).map_err(|error| Error::Failed(format!("encoding a chart as PNG: {error}")))
}

/// Three channels, since the background hides whatever lies behind it: a quarter less to compress than with alpha.
fn encode(pixmap: &Pixmap) -> std::result::Result<Vec<u8>, png::EncodingError> {
    let opaque: Vec<u8> = pixmap.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, pixmap.width(), pixmap.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    // Flat areas repeat as they are: without a filter this level is as fast as any that packs as well.
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_deflate_compression(png::DeflateCompression::Level(3));
    encoder.write_header()?.write_image_data(&opaque)?;
    Ok(bytes)
}
