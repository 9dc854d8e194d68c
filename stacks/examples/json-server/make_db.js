// The posts and comments that it serves; run once, when the image is built.
const posts = Array.from({ length: 100 }, (_, i) => ({ id: i + 1, title: `Post ${i + 1}`, views: (i * 37) % 1000 }));
const comments = Array.from({ length: 500 }, (_, i) => ({ id: i + 1, postId: 1 + (i % 100), body: `Comment ${i + 1}` }));
process.stdout.write(JSON.stringify({ posts, comments }));
