"""The page as a script for `streamlit run`; app.py is the same in a checkout."""

from recommender.page import main

main()
