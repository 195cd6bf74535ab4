"""The root fields of Subscription, and the live feed behind them."""
