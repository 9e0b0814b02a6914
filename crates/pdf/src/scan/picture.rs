//! The picture of a scanned page, by its dictionary.

use std::borrow::Cow;

use hayro::hayro_syntax::Filter;
use hayro::hayro_syntax::object::{Array, Dict, Name, Number, Object, Stream};

use crate::raster::Channels;
use crate::rendering::Size;

/// A picture in gray or RGB, opaque and complete.
pub(super) struct Picture<'a> {
    stream: &'a Stream<'a>,
    pub(super) size: Size,
    pub(super) channels: Channels,
    pub(super) bits: u8,
    /// White stands for black.
    pub(super) inverted: bool,
}

impl<'a> Picture<'a> {
    /// `None` for anything out of the ordinary: masks, palettes, other colours.
    pub(super) fn read(stream: &'a Stream<'a>) -> Option<Self> {
        let dict = stream.dict();
        let odd = ["SMask", "Mask", "SMaskInData", "OC", "Alternates"]
            .iter()
            .any(|key| dict.contains_key(*key));
        if odd || dict.get::<bool>("ImageMask").unwrap_or(false) {
            return None;
        }
        let channels = channels(dict)?;
        let (width, height) = (dict.get::<u32>("Width")?, dict.get::<u32>("Height")?);
        Some(Self {
            stream,
            size: Size::new(width, height)?,
            channels,
            bits: dict.get::<u8>("BitsPerComponent").unwrap_or(default_bits(stream)),
            inverted: is_inverted(dict, channels)?,
        })
    }

    /// The bytes of the picture, if it is a JPEG and nothing else is to be done about it.
    pub(super) fn jpeg(&self) -> Option<Cow<'a, [u8]>> {
        let plain = !self.inverted && self.bits == 8 && !self.stream.dict().contains_key("DecodeParms");
        (plain && *self.stream.filters() == [Filter::DctDecode]).then(|| self.stream.raw_data())
    }

    pub(super) fn stream(&self) -> &'a Stream<'a> {
        self.stream
    }

    /// How it is packed at last.
    pub(super) fn filter(&self) -> Option<Filter> {
        self.stream.filters().last().copied()
    }
}

fn default_bits(stream: &Stream<'_>) -> u8 {
    match stream.filters().last() {
        Some(Filter::CcittFaxDecode | Filter::Jbig2Decode) => 1,
        Some(
            Filter::DctDecode
            | Filter::JpxDecode
            | Filter::FlateDecode
            | Filter::LzwDecode
            | Filter::RunLengthDecode
            | Filter::AsciiHexDecode
            | Filter::Ascii85Decode
            | Filter::Crypt,
        )
        | None => 8,
    }
}

/// Gray or RGB as a browser understands it.
fn channels(dict: &Dict<'_>) -> Option<Channels> {
    if let Some(name) = dict.get::<Name<'_>>("ColorSpace") {
        return match &*name {
            b"DeviceGray" => Some(Channels::Gray),
            b"DeviceRGB" => Some(Channels::Rgb),
            _ => None,
        };
    }
    let space = dict.get::<Array<'_>>("ColorSpace")?;
    let mut parts = space.iter::<Object<'_>>();
    if &*parts.next()?.into_name()? != b"ICCBased" {
        return None;
    }
    let profile = parts.next()?.into_stream()?;
    if !is_standard(&profile.decoded_data().ok()?) {
        return None;
    }
    match profile.dict().get::<u8>("N")? {
        1 => Some(Channels::Gray),
        3 => Some(Channels::Rgb),
        _ => None,
    }
}

/// Whether a colour profile says that it is sRGB, or gray with the same curve, in one of the two ways of saying it.
fn is_standard(profile: &[u8]) -> bool {
    const NAMES: [&[u8]; 3] = [b"sRGB", b"s\0R\0G\0B", b"Gray Gamma 2.2"];
    NAMES
        .iter()
        .any(|name| profile.windows(name.len()).any(|window| window == *name))
}

/// Whether `Decode` turns black and white around. `None` if it does anything else.
fn is_inverted(dict: &Dict<'_>, channels: Channels) -> Option<bool> {
    let Some(decode) = dict.get::<Array<'_>>("Decode") else {
        return Some(false);
    };
    let bounds: Vec<f64> = decode.iter::<Number>().map(|number| number.as_f64()).collect();
    let (pairs, rest) = bounds.as_chunks::<2>();
    if pairs.len() != channels.bytes() || !rest.is_empty() {
        None
    } else if pairs.iter().all(|[low, high]| *low <= 0.0 && *high >= 1.0) {
        Some(false)
    } else if pairs.iter().all(|[low, high]| *low >= 1.0 && *high <= 0.0) {
        Some(true)
    } else {
        None
    }
}
