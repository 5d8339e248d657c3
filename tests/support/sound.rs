//! What is in a recording.

/// A WAV file as an ear has it, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sound {
    pub length: usize,
    /// From the first loud moment to the last one.
    pub loud: usize,
    /// Of what is loud, in hertz.
    pub frequency: usize,
}

/// Of 16 bits, 8,000 a second.
pub fn listen(wav: &[u8]) -> Sound {
    assert_eq!(&wav[..4], b"RIFF");
    assert_eq!(&wav[8..12], b"WAVE");
    let chunk = wav.windows(4).position(|four| four == b"data");
    let data = chunk.expect("sound") + 8;
    let samples: Vec<i16> = wav[data..]
        .chunks_exact(2)
        .map(|two| i16::from_le_bytes([two[0], two[1]]))
        .collect();
    let is_loud = |sample: &i16| sample.unsigned_abs() >= 2000;
    let first = samples.iter().position(is_loud).expect("something loud");
    let last = samples.iter().rposition(is_loud).unwrap_or(first);
    let loud = &samples[first..=last];
    let crossings = loud
        .windows(2)
        .filter(|two| (two[0] < 0) != (two[1] < 0))
        .count();
    Sound {
        length: samples.len() / 8,
        loud: loud.len() / 8,
        frequency: crossings * 4000 / loud.len(),
    }
}
