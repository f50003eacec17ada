"""Embedder texts: what tokenizers and embedders may do differently, by what is special of it."""

TEXTS = {
    "English": "How much did the company pay for the startup?",
    "Hindi": "मीतुआन ने लाइट इयर्स बियॉन्ड का अधिग्रहण कितने में किया?",
    "Indonesian": "Perusahaan itu naik 2,8% pada Mei, lalu turun lagi.",
    "Chinese": "阿里巴巴集团于2023年宣布，将公司拆分为六大业务集团。",
    "Korean and Thai": "각 한국어 สวัสดีน้ำ",
    "compatibility letters": "ﬁnance ① ㌔ ½ ＡＢＣ１２３ ﷺ ℡ ｶﾞ",
    "accent after a wide letter": "Ａ\u0301b ½\u200dz \xa0\u0301x ｱﾞ",
    "combining marks": "e\u0301 a\u0300\u0301 क\u093c \u0301",
    "joiners": "क्‍ष क्‌ष नहीं x\u200by \ufeffbom",
    "emoji": "😀😀 👨‍👩‍👧 🇮🇳 👍🏽",
    "one letter": "a" * 400,
    "one akshara": "क" * 400,
    "many words": "word " * 400,
    "white space": " lead \t tab\nline\r\nend   three  ",
    "control characters": "\x01a\x02\x7fb\x85c",
    "marks of the tokenizer": "▁▁a </s> <s> <mask>",
    "one space": " ",
    "nothing": "",
}
