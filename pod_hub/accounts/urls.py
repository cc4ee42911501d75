"""Start, customers and settings."""

from django.urls import path

from pod_hub.accounts.views import api_keys, brand, dashboard, invitation, paper, people, portal_door

app_name = "accounts"
urlpatterns = [
    path("", dashboard.start, name="start"),
    path("customers/", dashboard.customers, name="customers"),
    path("customers/add/", dashboard.add_customer, name="add_customer"),
    path("customers/<slug:public_id>/", dashboard.customer, name="customer"),
    path("customers/<slug:public_id>/edit/", dashboard.edit_customer, name="edit_customer"),
    path("customers/<slug:public_id>/storefronts/", dashboard.switch_storefronts, name="switch_storefronts"),
    path("customers/<slug:public_id>/trading-names/", dashboard.add_trading_name, name="add_trading_name"),
    path("customers/<slug:public_id>/admins/add/", people.add_admin, name="add_admin"),
    path("customers/<slug:public_id>/portal/", portal_door.enter, name="enter_portal"),
    path("portal/leave/", portal_door.leave, name="leave_portal"),
    path("invitation/", invitation.invitation, name="invitation"),
    path("at/<slug:slug>/", brand.sign_in_at, name="sign_in_at"),
    path("at/<slug:slug>/colours.css", brand.provider_colours, name="provider_colours"),
    path("at/<slug:slug>/logo.png", brand.provider_logo, name="provider_logo"),
    path("settings/people/", people.people_page, name="people"),
    path("settings/people/invite/", people.invite, name="invite"),
    path("settings/people/<int:membership_id>/", people.edit_member, name="edit_member"),
    path("people/<int:membership_id>/block/", people.block_member, name="block_member"),
    path("people/<int:membership_id>/unblock/", people.unblock_member, name="unblock_member"),
    path("people/<int:membership_id>/archive/", people.archive_member, name="archive_member"),
    path("invitations/<slug:public_id>/send/", people.resend_invitation, name="resend_invitation"),
    path("invitations/<slug:public_id>/revoke/", people.revoke_invitation, name="revoke_invitation"),
    path("settings/look/", brand.brand, name="brand"),
    path("settings/look/<slug:colour>.css", brand.preview_colours, name="preview_colours"),
    path("trading-names/<slug:public_id>/", paper.edit_trading_name, name="edit_trading_name"),
    path("trading-names/<slug:public_id>/logo.png", paper.logo, name="logo"),
    path("settings/", dashboard.settings_page, name="settings"),
    path("settings/file-names/", paper.file_names, name="file_names"),
    path("settings/file-names/preview/", paper.preview_file_name, name="preview_file_name"),
    path("settings/api-keys/", api_keys.api_keys, name="api_keys"),
    path("settings/api-keys/add/", api_keys.add_api_key, name="add_api_key"),
    path("settings/api-keys/<slug:public_id>/revoke/", api_keys.revoke_api_key, name="revoke_api_key"),
    path("settings/facilities/add/", dashboard.add_facility, name="add_facility"),
    path("settings/facilities/<slug:public_id>/", dashboard.edit_facility, name="edit_facility"),
]
