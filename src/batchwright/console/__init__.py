"""The web pages: to sign in, to let an app in, to look after one's tokens. Plain HTML that needs no script."""
